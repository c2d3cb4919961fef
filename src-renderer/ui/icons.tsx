/** The icons of the app, by what they mean here. Decoration beside words: named where they stand alone. */
import {
  Activity,
  ArrowLeftRight,
  ArrowRightToLine,
  Box,
  Check,
  ChevronDown,
  ChevronLeft,
  ChevronRight,
  CircleCheck,
  CircleDot,
  Clock,
  Copy,
  Download,
  Ellipsis,
  Eye,
  File,
  Folder,
  Info,
  Key,
  List,
  type LucideIcon,
  OctagonAlert,
  PanelRight,
  Pause,
  Pencil,
  Play,
  Plus,
  RotateCcw,
  Scissors,
  Search,
  StepForward,
  Terminal,
  Trash2,
  TriangleAlert,
  Undo2,
  Unlink,
  X,
} from "lucide-react";

const ICONS = {
  keys: Key,
  log: List,
  sync: ArrowLeftRight,
  health: Activity,
  file: File,
  folder: Folder,
  search: Search,
  down: ChevronDown,
  right: ChevronRight,
  left: ChevronLeft,
  plus: Plus,
  copy: Copy,
  eye: Eye,
  box: Box,
  pencil: Pencil,
  check: Check,
  close: X,
  warn: TriangleAlert,
  stop: OctagonAlert,
  ok: CircleCheck,
  info: Info,
  undo: Undo2,
  trash: Trash2,
  play: Play,
  pause: Pause,
  step: StepForward,
  clock: Clock,
  latest: ArrowRightToLine,
  more: Ellipsis,
  panel: PanelRight,
  cut: Scissors,
  retry: RotateCcw,
  command: Terminal,
  drop: Download,
  unlink: Unlink,
  dot: CircleDot,
} as const satisfies Record<string, LucideIcon>;

export type IconName = keyof typeof ICONS;

export function Icon({
  name,
  size = 16,
  className,
}: {
  name: IconName;
  size?: number;
  className?: string | undefined;
}) {
  const Drawn = ICONS[name];
  return <Drawn aria-hidden="true" size={size} strokeWidth={size >= 20 ? 1.5 : 1.75} className={className} />;
}

/** Numbers, sizes, offsets and times, said the same way everywhere. */

const grouped = new Intl.NumberFormat("en-US");
const twoDigits = (n: number) => String(n).padStart(2, "0");

/** `1,284`; beyond 2^53 a number is only near the true one, and says so. */
export function formatCount(n: number): string {
  return Number.isSafeInteger(n) || !Number.isInteger(n) ? grouped.format(n) : `≈${grouped.format(n)}`;
}

/** `3 keys`, `1 key` */
export function countOf(n: number, one: string, many = `${one}s`): string {
  return `${grouped.format(n)} ${n === 1 ? one : many}`;
}

/** `143,686 bytes`: exact. */
export function formatBytes(bytes: number): string {
  return countOf(bytes, "byte");
}

/** `1.4 KB`: for columns where the exact number stands elsewhere. */
export function shortBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  // Limits where the rounded number would grow a digit: "1000 KB" is 1.0 MB.
  const [unit, size] =
    bytes < 999_500 ? ["KB", bytes / 1000] : bytes < 999_500_000 ? ["MB", bytes / 1e6] : ["GB", bytes / 1e9];
  return `${size < 9.95 ? size.toFixed(1) : Math.round(size)} ${unit}`;
}

/** `+25 B`, `−21 B`, `0 B` */
export function formatDelta(bytes: number): string {
  return bytes === 0 ? "0 B" : `${bytes > 0 ? "+" : "−"}${shortBytes(Math.abs(bytes))}`;
}

/** `0x22E30` */
export function formatOffset(offset: number): string {
  return `0x${offset.toString(16).toUpperCase().padStart(5, "0")}`;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

function isShowable(ms: number): boolean {
  return Number.isFinite(ms) && Math.abs(ms) <= 8.64e15;
}

/** `09:14:02` */
export function formatClock(ms: number): string {
  const date = new Date(ms);
  return `${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}:${twoDigits(date.getSeconds())}`;
}

/** `22 Nov 09:14:02.118`, with the year when it is another one. */
export function formatTime(ms: number): string {
  if (!isShowable(ms)) return "out of range";
  const date = new Date(ms);
  const year = date.getFullYear() === new Date().getFullYear() ? "" : ` ${date.getFullYear()}`;
  const millis = String(date.getMilliseconds()).padStart(3, "0");
  return `${date.getDate()} ${MONTHS[date.getMonth()]}${year} ${formatClock(ms)}.${millis}`;
}

/** `+01:00` */
export function formatZone(ms: number): string {
  if (!isShowable(ms)) return "";
  const minutes = -new Date(ms).getTimezoneOffset();
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "−" : "+"}${twoDigits(Math.floor(size / 60))}:${twoDigits(size % 60)}`;
}

/** Local, then UTC, then raw: everything a time can be asked. */
export function timeTooltip(ms: number): string {
  if (!isShowable(ms)) return `${ms} ms`;
  return `${formatTime(ms)} ${formatZone(ms)} local\n${new Date(ms).toISOString()} UTC\n${ms} ms since 1970`;
}

/** For lists: `09:14:02` today, `Sat 17:20` within a week, else `18 Nov` or `18 Nov 2025`. */
export function formatWhen(ms: number, nowMs: number): string {
  if (!isShowable(ms)) return "out of range";
  const date = new Date(ms);
  const now = new Date(nowMs);
  if (date.toDateString() === now.toDateString()) return formatClock(ms);
  const hours = `${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}`;
  if (nowMs - ms < 6 * 86_400_000 && nowMs >= ms) return `${DAYS[date.getDay()]} ${hours}`;
  const year = date.getFullYear() === now.getFullYear() ? "" : ` ${date.getFullYear()}`;
  return `${date.getDate()} ${MONTHS[date.getMonth()]}${year}`;
}

/** `Today 09:21`, `Yesterday 18:02`, `Fri 16:40`, `18 Nov` */
export function formatDay(ms: number, nowMs: number): string {
  const date = new Date(ms);
  const hours = `${twoDigits(date.getHours())}:${twoDigits(date.getMinutes())}`;
  const midnight = new Date(nowMs).setHours(0, 0, 0, 0);
  if (ms >= midnight && ms < midnight + 86_400_000) return `Today ${hours}`;
  if (ms >= midnight - 86_400_000 && ms < midnight) return `Yesterday ${hours}`;
  return formatWhen(ms, nowMs);
}

/** `0.9 s`, `41.2 s`, `6 min 12 s`, `3 h 5 min`, `4 days` */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 60) return `${(Math.floor(seconds * 10) / 10).toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${minutes % 60} min`;
  return `${formatCount(Math.floor(hours / 24))} days`;
}

/** `2 s ago`, `6 min ago` */
export function formatAgo(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 1) return "just now";
  if (seconds < 60) return `${seconds} s ago`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ago` : `${Math.floor(hours / 24)} days ago`;
}

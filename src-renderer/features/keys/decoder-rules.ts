/** Which decoder is meant for which keys of a file, by pattern; the first that matches decides. Remembered for each file. */
import { limits } from "@softadastra/inspector-contract";
import { create } from "zustand";
import { readSetting, useInspector, writeSetting } from "../../lib/inspector.ts";
import { GLOB_CHARS_MAX, matchesGlob } from "../../lib/key-glob.ts";
import { type DecoderId, isDecoder } from "./decoders.ts";

export interface DecoderRule {
  readonly glob: string;
  readonly decoder: DecoderId;
}

interface FileRules {
  readonly path: string;
  readonly rules: readonly DecoderRule[];
}

const SETTING = "decoderRules";
/** Read one by one for each key that is shown. */
export const RULES_MAX = 50;
/** Files with rules; of more the one whose rules were changed longest ago goes. */
export const RULED_FILES_MAX = 50;

interface RulesState {
  /** Of the open file. */
  readonly rules: readonly DecoderRule[];
  /** The dialog is open, on a rule for this decoder; null when it is closed. */
  readonly dialog: { readonly decoder: DecoderId } | null;
}

export const useRules = create<RulesState>(() => ({ rules: [], dialog: null }));

function isRule(entry: unknown): entry is DecoderRule {
  if (typeof entry !== "object" || entry === null) return false;
  const { glob, decoder } = entry as Record<string, unknown>;
  return typeof glob === "string" && glob.length <= GLOB_CHARS_MAX && typeof decoder === "string" && isDecoder(decoder);
}

/** What was kept, as far as it is what this module keeps. */
export function parseRules(text: string | undefined): FileRules[] {
  try {
    const kept: unknown = JSON.parse(text ?? "[]");
    if (!Array.isArray(kept)) return [];
    return kept.flatMap((entry: unknown) => {
      if (typeof entry !== "object" || entry === null) return [];
      const { path, rules } = entry as Record<string, unknown>;
      if (typeof path !== "string" || !Array.isArray(rules)) return [];
      return [{ path, rules: rules.filter(isRule).slice(0, RULES_MAX) }];
    });
  } catch {
    return [];
  }
}

/** The kept text with the rules of a file: the newest last, the oldest dropped until all fit. */
export function withRules(kept: readonly FileRules[], path: string, rules: readonly DecoderRule[]): string {
  let files = kept.filter((file) => file.path !== path);
  if (rules.length > 0) files = [...files, { path, rules: rules.slice(0, RULES_MAX) }];
  files = files.slice(-RULED_FILES_MAX);
  while (JSON.stringify(files).length > limits.SETTING_CHARS_MAX) files = files.slice(1);
  return JSON.stringify(files);
}

/** A sandbox has the rules of the file it is a copy of. */
function currentPath(): string | null {
  return useInspector.getState().session?.originPath ?? null;
}

export function saveRules(rules: readonly DecoderRule[]): void {
  const path = currentPath();
  if (path === null) return;
  writeSetting(SETTING, withRules(parseRules(readSetting(SETTING)), path, rules));
  useRules.setState({ rules });
}

export function ruleFor(rules: readonly DecoderRule[], name: string): DecoderRule | null {
  return rules.find(({ glob }) => matchesGlob(glob, name)) ?? null;
}

export function openRules(decoder: DecoderId | null): void {
  useRules.setState({ dialog: decoder === null ? null : { decoder } });
}

/** Called once, when the app starts: the rules follow the file that is open. */
export function startRules(): void {
  const follow = () => {
    const path = currentPath();
    const kept = parseRules(readSetting(SETTING)).find((file) => file.path === path);
    useRules.setState({ rules: kept?.rules ?? [], dialog: null });
  };
  follow();
  useInspector.subscribe((state, before) => {
    if (state.session?.originPath !== before.session?.originPath) follow();
  });
}

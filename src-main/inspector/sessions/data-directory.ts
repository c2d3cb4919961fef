/** Where a host without Electron keeps settings and recent files: the place each system has for them. */
import { homedir } from "node:os";
import { join } from "node:path";

const NAME = "softadastra-inspector";

export function dataDirectory(env: NodeJS.ProcessEnv = process.env, platform: string = process.platform): string {
  if (platform === "darwin") return join(homedir(), "Library/Application Support", NAME);
  if (platform === "win32") return join(env.APPDATA ?? join(homedir(), "AppData/Roaming"), NAME);
  return join(env.XDG_CONFIG_HOME || join(homedir(), ".config"), NAME);
}

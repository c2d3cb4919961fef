/** The inspector core: a desk and the handlers of every command. Plain Node; the Electron and the browser host stand around it. */
import type { Handlers } from "@softadastra/inspector-contract";
import { appCommands, type HostAbilities } from "./commands/app-commands.ts";
import { healthCommands } from "./commands/health-commands.ts";
import { keyCommands } from "./commands/key-commands.ts";
import { labCommands } from "./commands/lab-commands.ts";
import { logCommands } from "./commands/log-commands.ts";
import { repairCommands } from "./commands/repair-commands.ts";
import { sessionCommands } from "./commands/session-commands.ts";
import { storeCommands } from "./commands/store-commands.ts";
import { syncCommands } from "./commands/sync-commands.ts";
import { transferCommands } from "./commands/transfer-commands.ts";
import type { CallContext } from "./server/connection.ts";
import { Desk, type DeskDependencies } from "./sessions/desk.ts";

export interface Inspector {
  readonly desk: Desk;
  readonly handlers: Handlers<CallContext>;
}

export function createInspector(deps: DeskDependencies, host: HostAbilities): Inspector {
  const desk = new Desk(deps);
  return {
    desk,
    handlers: {
      ...appCommands(desk, host),
      ...sessionCommands(desk),
      ...keyCommands(desk),
      ...storeCommands(desk),
      ...transferCommands(desk),
      ...syncCommands(desk),
      ...logCommands(desk),
      ...healthCommands(desk),
      ...repairCommands(desk),
      ...labCommands(desk),
    },
  };
}

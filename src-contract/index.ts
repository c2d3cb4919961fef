/** The contract between the inspector's renderer and its host. */

export { BRIDGE_NAME, type Bridge, type BridgeConnection, IPC } from "./bridge.ts";
export { type ChannelSetup, type ChannelStep, channelSuite } from "./channel-suite.ts";
export { type CancelSignal, createClient, type InspectorClient, parseOutput } from "./client.ts";
export { isUiCommandId, type MenuName, type UiCommand, type UiCommandId, uiCommands } from "./command-table.ts";
export * from "./commands.ts";
export * from "./events.ts";
export * from "./frames.ts";
export * from "./lab-commands.ts";
export * as limits from "./limits.ts";
export { memoryChannel } from "./memory-channel.ts";
export * from "./repair-shapes.ts";
export * from "./result.ts";
export * from "./shapes.ts";
export { type TextPipe, textChannel } from "./text-channel.ts";

/** What the SDK calls: both parts of the kernel in one module. */
export * from "./records";
export * from "./store";

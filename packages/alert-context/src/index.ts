export { AlertContext, type ContextPart } from "./alert-context.ts";
export { type ContextConfig, contextSection } from "./context-config.ts";
export type { PastFirings } from "./context-lines.ts";

export { AlertContext, type AlertContextOptions, type ContextPart } from "./alert-context.ts";
export { type ContextConfig, contextSection } from "./context-config.ts";

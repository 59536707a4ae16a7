export { type IntegrationConfig, type SenderTools, type HealthCheck, HealthCheckError } from "./receiver-kind.ts";
export { hasCredentials } from "./http/http-integration.ts";
export { RateLimits } from "./http/rate-limits.ts";
export { type IntegrationContext, openIntegration, type OpenIntegration } from "./open-integration.ts";
export { globalSection, type ReceiverGlobals } from "./global-section.ts";
export { globalsWithoutCredentials } from "./untrusted-globals.ts";
export {
  type ConfiguredIntegration,
  type ReceiverConfig,
  receiverSection,
  resolveReceiver,
} from "./receiver-section.ts";
export { RECEIVER_KINDS } from "./registry.ts";
export { Renderer } from "./templates/renderer.ts";
export {
  fieldTemplate,
  previewTemplate,
  type PreviewTemplate,
  sampleNotification,
} from "./templates/template-preview.ts";
export { sendTest, type TestContents, testNotification, type TestOutcome } from "./test-notification.ts";

export type { IntegrationConfig, ReceiverKind, Sender, SenderTools, Sending } from "./contract.ts";
export type { Delivery, FailureReason } from "./delivery.ts";
export { globalSection, type ReceiverGlobals } from "./global-section.ts";
export { keyValues, type Notice, type NoticeAlert, noticeValue } from "./templates/notice-data.ts";
export {
  type ConfiguredIntegration,
  type ReceiverConfig,
  receiverSection,
  resolveReceiver,
} from "./receiver-section.ts";
export { RECEIVER_KINDS } from "./registry.ts";
export { Renderer, Rendering } from "./templates/renderer.ts";
export {
  type FieldAddress,
  fieldTemplate,
  type Preview,
  previewTemplate,
  type PreviewTemplate,
  sampleNotice,
} from "./templates/template-preview.ts";
export { sendTest, type TestContents, testNotice, type TestOutcome } from "./test-sending.ts";

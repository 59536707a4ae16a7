export { WriteReceiver, type WriteResult } from "./receiver/write-receiver.ts";
export {
  type AcceptedWrites,
  acceptedMessages,
  WRITE_MESSAGES,
  type WriteMessage,
  writeMessageOf,
} from "./receiver/write-protocol.ts";
export { OtlpReceiver, type OtlpResult } from "./otlp/otlp-receiver.ts";
export { MAX_MESSAGE_BYTES } from "./message-limits.ts";
export { otlpBodyOf } from "./otlp/message/otlp-body.ts";
export { RemoteWriter } from "./sender/remote-writer.ts";
export { encodeFamilies } from "./sender/message/encode-families.ts";
export { WriteClient } from "./sender/client/write-client.ts";

export {
  MAX_MESSAGE_BYTES,
  WriteReceiver,
  type WriteReceiverOptions,
  type WriteResult,
} from "./receiver/write-receiver.ts";
export { acceptedMessages, WRITE_MESSAGES, type WriteMessage, writeMessageOf } from "./receiver/write-protocol.ts";

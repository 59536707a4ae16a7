export { WriteReceiver, type WriteReceiverOptions, type WriteResult } from "./receiver/write-receiver.ts";
export { acceptedMessages, type WriteMessage, writeMessageOf } from "./receiver/write-protocol.ts";

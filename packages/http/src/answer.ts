// Exports the readers of answers that arrive in pieces, without HTTP servers and clients, for threads that do not use
// HTTP.
export { AnswerLimitError } from "./answer/answer-limit.ts";
export { type Envelope, EnvelopeCutter } from "./answer/envelope-cutter.ts";
export { HeldBytes } from "./answer/held-bytes.ts";
export { JsonCursor, JsonProblem } from "./answer/json-cursor.ts";

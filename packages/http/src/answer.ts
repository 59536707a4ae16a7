// Exports the readers of HTTP answers that arrive in pieces. Threads without HTTP import this module, because it loads
// no HTTP server or client.
export { AnswerLimitError } from "./answer/answer-limit.ts";
export { type Envelope, EnvelopeCutter } from "./answer/envelope-cutter.ts";
export { HeldBytes } from "./answer/held-bytes.ts";
export { JsonCursor, JsonProblem } from "./answer/json-cursor.ts";

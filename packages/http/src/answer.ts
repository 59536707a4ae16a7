// What reads answers in pieces, without the servers and clients beside it: for threads that speak HTTP with no one.
export { AnswerLimitError } from "./answer/answer-limit.ts";
export { type Envelope, EnvelopeCutter } from "./answer/envelope-cutter.ts";
export { HeldBytes } from "./answer/held-bytes.ts";
export { JsonCursor, JsonProblem } from "./answer/json-cursor.ts";

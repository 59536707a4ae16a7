import { appendStartLog, type LogShape } from "./start-log.ts";

/**
 * Process of fillStartLog; arguments are the folder and the shape. When all samples are committed, it waits to be
 * killed.
 */
await appendStartLog(process.argv[2]!, JSON.parse(process.argv[3]!) as LogShape);
process.send!("filled");
setInterval(() => {}, 60_000);

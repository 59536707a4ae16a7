import { appendStartLog, type LogShape } from "./start-log.ts";

/**
 * This process fills a log for fillStartLog and waits to be killed when all samples are committed. Arguments: the
 * folder and the shape of the log.
 */
await appendStartLog(process.argv[2]!, JSON.parse(process.argv[3]!) as LogShape);
process.send!("filled");
setInterval(() => {}, 60_000);

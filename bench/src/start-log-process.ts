import { appendStartLog, type LogShape } from "./start-log.ts";

/** Process under fillStartLog: arguments are the folder and the shape. It waits to be killed when all is committed. */
await appendStartLog(process.argv[2]!, JSON.parse(process.argv[3]!) as LogShape);
process.send!("filled");
setInterval(() => {}, 60_000);

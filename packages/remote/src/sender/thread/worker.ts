import { parentPort, workerData } from "node:worker_threads";
import { InternalErrors, type LogFields, type Logger, systemClock } from "@narthex/runtime";
import { openSqlite, type Store } from "@narthex/store";
import { KeptPositions, POSITIONS } from "../position/kept-positions.ts";
import { COMPONENT, type SenderMessage, type SenderRequest, type SenderSettings } from "./sender-messages.ts";
import { SenderQueues } from "./sender-queues.ts";

/** Settings of the thread that sends the write-ahead log to remote write destinations. */
const { positionsFile, ...settings } = workerData as SenderSettings;
const port = parentPort!;
const send = (message: SenderMessage): void => port.postMessage(message);

function loggerWith(own: LogFields): Logger {
  const at =
    (level: "debug" | "info" | "warn" | "error") =>
    (message: string, fields: LogFields = {}): void => {
      const all = Object.entries({ ...own, ...fields });
      const posted = Object.fromEntries(
        all.map(([name, value]) => [name, value instanceof Error ? value.message : value]),
      );
      send({ kind: "log", level, message, fields: posted });
    };
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    child: (fields) => loggerWith({ ...own, ...fields }),
  };
}

/**
 * Opens the store for the positions. If the store cannot be opened, the positions exist only as long as the thread
 * runs.
 */
function openPositions(): Store {
  try {
    return openSqlite(positionsFile);
  } catch (cause) {
    const hint = "repair or remove the file; until then what was not sent before a stop is not sent after it";
    logger.error("The file of positions cannot be opened", { file: positionsFile, err: cause, hint });
    return openSqlite(":memory:");
  }
}

const logger = loggerWith({});
const store = openPositions();
const positions = new KeptPositions(store.collection(POSITIONS, "process"), logger);
const report = new InternalErrors().reporter(COMPONENT, logger);
const queues = new SenderQueues({
  ...settings,
  positions,
  clock: systemClock,
  logger,
  reportError(error, fields) {
    report(error, fields);
    send({ kind: "internal error" });
  },
});

port.on("message", async (request: SenderRequest) => {
  if (request.kind === "queues") await queues.apply(request.queues, request.flushMs);
  else if (request.kind === "metadata") await queues.sendMetadata(request.key, request.rows);
  else {
    await queues.stop(request.flushMs);
    await store.close();
    send({ kind: "stopped" });
  }
});

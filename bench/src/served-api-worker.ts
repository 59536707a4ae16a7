import { parentPort, workerData } from "node:worker_threads";
import { ServedApi, servedKinds } from "@narthex/discovery/testing";

/** Serves the API of one kind of discovery on a thread of its own. A message sets the number of instances. */
const { index, instances, folder } = workerData as { index: number; instances: number; folder: string };
const kind = servedKinds[index]!;
const api = await ServedApi.start(kind.serve(instances));
parentPort!.on("message", (count: number) => {
  api.answer = kind.serve(count);
  api.requests.length = 0;
  parentPort!.postMessage("served");
});
parentPort!.postMessage(api.place(folder));

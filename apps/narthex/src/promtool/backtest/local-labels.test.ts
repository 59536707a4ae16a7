import { Labels, Matcher } from "@narthex/model";
import { createSampleBatch, SampleColumns } from "@narthex/storage";
import { MemoryStorage } from "@narthex/storage/testing";
import { expect, test } from "vitest";
import { withLocalLabels } from "./local-labels.ts";

test("series of a server lose the external labels that the server added, and keep their samples and their order", async () => {
  const storage = new MemoryStorage();
  const appender = storage.appender();
  const batch = createSampleBatch(3);
  const texts = [
    { __name__: "load", cluster: "lab", zone: "2" },
    { __name__: "load", cluster: "lab", instance: "a", zone: "1" },
    { __name__: "load", cluster: "own", instance: "b", zone: "2" },
  ];
  for (const [at, labels] of texts.entries()) {
    batch.refs[at] = appender.series(Labels.of(labels));
    batch.timestamps[at] = 1000;
    batch.values[at] = at;
  }
  batch.count = texts.length;
  appender.append(batch);
  await appender.commit();

  const local = withLocalLabels(storage, Labels.of({ cluster: "lab", zone: "1" }));
  const set = await local
    .querier(0, 2000)
    .select([new Matcher("=", "__name__", "load")], { start: 0, end: 2000, step: 0, range: 0 });
  const found = set.labels.map((labels, at) => {
    const samples = new SampleColumns();
    set.read(at, 0, 2000, samples);
    return [labels.toString(), samples.count, samples.values[0]];
  });
  expect(found).toEqual([
    ['{__name__="load", cluster="own", instance="b", zone="2"}', 1, 2],
    ['{__name__="load", instance="a"}', 1, 1],
    ['{__name__="load", zone="2"}', 1, 0],
  ]);
});

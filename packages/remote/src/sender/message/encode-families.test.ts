import { parseFamilies } from "@narthex/exposition";
import { ManualClock } from "@narthex/runtime/testing";
import { MemoryStorage } from "@narthex/storage/testing";
import { expect, test } from "vitest";
import { WriteReceiver } from "../../receiver/write-receiver.ts";
import { encodeFamilies } from "./encode-families.ts";

const NOW = 1_000_000;

const PAGE = `# HELP a_total Help.
# TYPE a_total counter
a_total{x="1",job="own"} 5
a_total{x="2",team="its"} 7 999000
# TYPE h histogram
h_bucket{le="1.0"} 3
h_sum 2.5
h_count 4
h_bucket{y="b",le="1e6"} 3
h_bucket{y="b",le="+Inf"} 5
# TYPE s summary
s{quantile="0.5"} 1
s_count 4
plain NaN
`;

test.each(["prometheus.WriteRequest", "io.prometheus.write.v2.Request"] as const)(
  "the samples of a page arrive in a %s",
  async (message) => {
    const parsed = parseFamilies(new TextEncoder().encode(PAGE));
    if (!parsed.ok) throw new Error(parsed.message);
    const body = encodeFamilies(parsed.families, { message, labels: { job: "p", team: "all" }, now: NOW });
    const storage = new MemoryStorage();
    const receiver = new WriteReceiver({
      appendable: storage,
      clock: new ManualClock(NOW),
      outOfOrderWindowMs: () => 0,
      withMetadata: false,
      typeAndUnitLabels: false,
    });
    expect((await receiver.receive(message, body)).status).toBe(204);
    const stored = storage.byRef.map(
      ({ labels, samples }) => `${labels.toString()} ${samples.values[0]} ${samples.timestamps[0]}`,
    );
    expect(stored.toSorted()).toEqual([
      '{__name__="a_total", exported_job="own", job="p", team="all", x="1"} 5 1000000',
      '{__name__="a_total", job="p", team="its", x="2"} 7 999000',
      '{__name__="h_bucket", job="p", le="+Inf", team="all", y="b"} 5 1000000',
      '{__name__="h_bucket", job="p", le="+Inf", team="all"} 4 1000000',
      '{__name__="h_bucket", job="p", le="1", team="all"} 3 1000000',
      '{__name__="h_bucket", job="p", le="1e+06", team="all", y="b"} 3 1000000',
      '{__name__="h_count", job="p", team="all"} 4 1000000',
      '{__name__="h_sum", job="p", team="all"} 2.5 1000000',
      '{__name__="plain", job="p", team="all"} NaN 1000000',
      '{__name__="s", job="p", quantile="0.5", team="all"} 1 1000000',
      '{__name__="s_count", job="p", team="all"} 4 1000000',
    ]);
  },
);

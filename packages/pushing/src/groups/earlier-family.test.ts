import { openSqlite } from "@narthex/store";
import { expect, test } from "vitest";
import { storePersistence } from "./group-persistence.ts";
import { describeMetric } from "../metrics/describe-metric.ts";

/** Stored entries of one group, in the JSON format of earlier versions. */
const ROWS: Readonly<Record<string, string>> = {
  m: String.raw`{"name":"m","help":"Help é.","type":"counter","metrics":[{"labels":["a","x\"y\n","instance","","job","j"],"samples":[["",["a","x\"y\n","instance","","job","j"],"NaN"]]}],"keys":["m\ud800a"],"pushedAtMs":1795224878704.759}`,
  n: `{"name":"n","type":"unknown","metrics":[{"labels":["instance","","job","j"],"samples":[["",["instance","","job","j"],"-Infinity"]]}],"keys":["n"],"pushedAtMs":1795224878704.759}`,
  g: `{"name":"g","type":"gauge","metrics":[{"labels":["job","j"],"samples":[["",["job","j"],"-0"]]}],"keys":["g"],"pushedAtMs":1}`,
  s: `{"name":"s","type":"summary","metrics":[{"labels":["job","j"],"samples":[["",["job","j","quantile","0.5"],4],["",["job","j","quantile","0.9"],"NaN"],["_sum",["job","j"],9],["_count",["job","j"],3]]}],"keys":["s"],"pushedAtMs":1}`,
  h: `{"name":"h","type":"histogram","metrics":[{"labels":["job","j","x","y"],"samples":[["_bucket",["job","j","x","y","le","1"],2],["_bucket",["job","j","x","y","le","+Inf"],7],["_count",["job","j","x","y"],7],["_sum",["job","j","x","y"],1.5]]},{"labels":["job","j","x","z"],"samples":[["_bucket",["job","j","x","z","le","2.5"],2.5],["_count",["job","j","x","z"],2.5]]}],"keys":["h","h"],"pushedAtMs":1}`,
  native: `{"name":"native","help":"Native.","type":"histogram","metrics":[{"labels":["job","j"],"samples":[["_count",["job","j"],12,{"resetHint":"unknown","schema":1,"zeroThreshold":0.001,"zeroCount":2,"positiveSpans":[{"offset":0,"length":2},{"offset":1,"length":2}],"negativeSpans":[],"integer":true,"positive":[1,2,1,1],"negative":[],"total":[12,18.4]}],["_sum",["job","j"],18.4]]}],"keys":["native"],"pushedAtMs":1}`,
  floats: `{"name":"floats","type":"gaugehistogram","metrics":[{"labels":["job","j"],"samples":[["_count",["job","j"],3.5,{"resetHint":"gauge","schema":-1,"zeroThreshold":0,"zeroCount":0.5,"positiveSpans":[],"negativeSpans":[{"offset":-2,"length":2}],"positive":[],"negative":[1.5,1.5],"total":[3.5,-4]}],["_sum",["job","j"],-4]]}],"keys":["floats"],"pushedAtMs":1}`,
};

test("a file of an earlier build loads completely: plain values, summaries, classic and native histograms", async () => {
  const store = openSqlite(":memory:");
  const rows = Object.entries(ROWS).map(([name, value]) => ({
    key: JSON.stringify([["job", "j"], name]),
    value,
    expiresAt: Number.MAX_SAFE_INTEGER,
  }));
  await store.collection("pushed_families").change(rows, []);
  const [group, ...others] = await storePersistence(store).load();
  expect(others).toEqual([]);
  expect(group!.labels).toEqual([["job", "j"]]);
  const families = new Map(group!.families.map((one) => [one.family.name, one]));
  expect(families.get("m")).toMatchObject({ pushedAtMs: 1795224878704.759, family: { help: "Help é.", type: 0 } });
  const shown = (name: string): string[] => families.get(name)!.family.metrics.map(describeMetric);
  const job = 'label:{name:"job"  value:"j"}';
  expect(shown("m")).toEqual([
    String.raw`label:{name:"a"  value:"x\"y\n"}  label:{name:"instance"  value:""}  ${job}  counter:{value:nan}`,
  ]);
  expect(shown("n")).toEqual([`label:{name:"instance"  value:""}  ${job}  untyped:{value:-inf}`]);
  expect(shown("g")).toEqual([`${job}  gauge:{value:-0}`]);
  expect(shown("s")).toEqual([
    `${job}  summary:{sample_count:3  sample_sum:9  quantile:{quantile:0.5  value:4}  quantile:{quantile:0.9  value:nan}}`,
  ]);
  expect(shown("h")).toEqual([
    `${job}  label:{name:"x"  value:"y"}  histogram:{sample_count:7  sample_sum:1.5  bucket:{cumulative_count:2  upper_bound:1}  bucket:{cumulative_count:7  upper_bound:inf}}`,
    `${job}  label:{name:"x"  value:"z"}  histogram:{sample_count_float:2.5  bucket:{cumulative_count_float:2.5  upper_bound:2.5}}`,
  ]);
  expect(shown("native")).toEqual([
    `${job}  histogram:{sample_count:12  sample_sum:18.4  schema:1  zero_threshold:0.001  zero_count:2  positive_span:{offset:0  length:2}  positive_span:{offset:1  length:2}  positive_delta:1  positive_delta:1  positive_delta:-1  positive_delta:0}`,
  ]);
  expect(shown("floats")[0]).toContain(
    "sample_count_float:3.5  sample_sum:-4  schema:-1  zero_threshold:0  zero_count_float:0.5  negative_span:{offset:-2  length:2}  negative_count:1.5  negative_count:1.5",
  );
});

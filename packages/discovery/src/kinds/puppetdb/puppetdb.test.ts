import { decodeYaml } from "@narthex/config";
import { expect, test } from "vitest";
import { refreshError, startWith, targetsOf } from "../../testing/one-answer.ts";
import { puppetdbDiscoverer } from "./puppetdb.ts";

const section = (url: string): string => `url: ${url}\nquery: q`;
const withParameters = (url: string): string => `${section(url)}\ninclude_parameters: true\nport: 9100`;

const resource = {
  certname: "a.example",
  resource: "f00",
  type: "Class",
  title: "T",
  exported: true,
  tags: ["x", "y"],
  file: "/f.pp",
  environment: "prod",
  parameters: { a: "b" },
};

const labels = {
  __meta_puppetdb_query: "q",
  __meta_puppetdb_certname: "a.example",
  __meta_puppetdb_resource: "f00",
  __meta_puppetdb_type: "Class",
  __meta_puppetdb_title: "T",
  __meta_puppetdb_exported: "true",
  __meta_puppetdb_tags: ",x,y,",
  __meta_puppetdb_file: "/f.pp",
  __meta_puppetdb_environment: "prod",
};

test("a resource has a label for each of its properties, and parameters only if they are wanted", async () => {
  const body = [resource];
  expect(await targetsOf(puppetdbDiscoverer, section, { body })).toEqual([{ ...labels, __address__: "a.example:80" }]);
  expect(await targetsOf(puppetdbDiscoverer, withParameters, { body })).toEqual([
    { ...labels, __address__: "a.example:9100", __meta_puppetdb_parameter_a: "b" },
  ]);
});

test("parameters of each type are texts, and names of nested parameters are joined", async () => {
  const parameters = {
    "text-1": "x",
    flag: false,
    int: 123_456,
    large: 1_234_567,
    half: 0.5,
    list: ["a", true, 1e6, null, ["b"], { c: 1 }],
    none: null,
    empty: "",
    emptyList: [],
    nulls: [null],
    nested: { "b.c": { d: 1 }, e: "f" },
  };
  const [found] = await targetsOf(puppetdbDiscoverer, withParameters, { body: [{ certname: "a", parameters }] });
  const prefix = "__meta_puppetdb_parameter_";
  const shown = Object.entries(found!).filter(([name]) => name.startsWith(prefix));
  expect(Object.fromEntries(shown.map(([name, value]) => [name.slice(prefix.length), value]))).toEqual({
    text_1: "x",
    flag: "false",
    int: "123456",
    large: "1.234567e+06",
    half: "0.5",
    list: "a,true,1e+06,,,",
    nested_b_c_d: "1",
    nested_e: "f",
  });
});

test("the query is sent below the path of the URL, and the group's source does not contain the password", async () => {
  const settings = (url: string): string => section(`${url.replace("http://", "http://u:canary@")}/x/?y=1`);
  const { api, run } = await startWith(puppetdbDiscoverer, settings, { body: [resource] });
  const [group] = await run.next();
  expect(group!.source).toMatch(/^http:\/\/u:xxxxx@127\.0\.0\.1:\d+\/x\/pdb\/query\/v4\?y=1\?query=q$/);
  const [{ path, query, headers, body }] = api.requests as [(typeof api.requests)[0]];
  expect([path, query.toString(), body]).toEqual(["/x/pdb/query/v4", "y=1", '{"query":"q"}']);
  expect([headers["content-type"], headers.accept]).toEqual(["application/json", "application/json"]);
});

test.each<[object, string]>([
  [{ status: 400, body: "bad query" }, "answered with HTTP status 400 Bad Request: bad query"],
  [{ headers: { "content-type": "text/plain" }, body: "[]" }, 'unsupported content type "text/plain"'],
  [{ body: {} }, "the answer is of type object, but array is expected"],
  [{ body: [{ exported: "yes" }] }, 'field "[0].exported" of the answer is of type string, but bool is expected'],
])("the answer %j is a failed refresh", async (answer, message) => {
  expect(await refreshError(puppetdbDiscoverer, section, answer)).toContain(message);
});

test.each([
  ["{}", "URL is missing", 1],
  ["query: a\nurl: ftp://a", "URL scheme must be 'http' or 'https'", 2],
  ["query: a\nurl: http:///x", "host is missing in URL", 2],
  ["url: http://a", "query missing", 1],
  ["url: http://a\nquery: ''", "query missing", 2],
  ["url: http://a\nquery: a\nnope: 1", "field nope not found in type puppetdb.plain", 3],
])("the section %j is refused", (yaml, message, line) => {
  expect(decodeYaml(yaml, "test.yml", puppetdbDiscoverer.codec)).toMatchObject({
    ok: false,
    problems: [{ message, line }],
  });
});

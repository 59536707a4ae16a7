import { FormFields } from "@narthex/http";
import type { InjectOptions } from "fastify";
import { expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { serverOf, unstartedFeatures } from "../testing/unstarted-server.ts";
import { type ApiEndpoint, ENDPOINTS } from "./endpoints.ts";
import { openApiDocument } from "./openapi-document.ts";

const API = "/prefix/api/v1";

async function readyServer() {
  const { context, features } = await unstartedFeatures([
    "--web.enable-admin-api",
    "--enable-feature=search-api",
    "--query.record-usage",
    "--rules.api.path=stored-rules",
    "--web.enable-backtest",
  ]);
  const { app, routes } = await serverOf(context, features);
  await app.ready();
  context.state.phase = "ready";
  return { app, routes };
}

test("the document describes every route below /api/v1, and no other", async () => {
  const { routes } = await readyServer();
  const registered = routes
    .list()
    .filter(({ url }) => url.startsWith(`${API}/`) && !url.endsWith("*"))
    .flatMap(({ url, methods }) => methods.map((method) => `${method} ${url.slice(API.length)}`));
  const described = ENDPOINTS.flatMap(({ path, methods }) =>
    methods.map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ":$1")}`),
  );
  expect(described.toSorted()).toEqual(registered.toSorted());
});

function requestOf({ path, methods, parameters }: ApiEndpoint): InjectOptions {
  const fields = new URLSearchParams(
    Object.entries(parameters).map(([name, { example }]): [string, string] => [name, example]),
  );
  const url = `${API}${path.replace(/\{\w+\}/g, "1")}`;
  if (methods.includes("get") || fields.size === 0) return { method: methods[0]!, url: `${url}?${fields.toString()}` };
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  return { method: "POST", url, headers, payload: fields.toString() };
}

/**
 * Parameters that a handler reads only if the requested object exists. The example requests name no existing object.
 */
const READ_LATER = new Set(["/targets/relabel_steps explain", "/narthex/explain time"]);

function watchFields(): Set<string> {
  const asked = new Set<string>();
  for (const method of ["get", "getAll", "has"] as const) {
    const value = function (this: FormFields, name: string): unknown {
      asked.add(name);
      return Reflect.apply(URLSearchParams.prototype[method], this, [name]);
    };
    Object.defineProperty(FormFields.prototype, method, { value, configurable: true });
    onTestFinished(() => void Reflect.deleteProperty(FormFields.prototype, method));
  }
  return asked;
}

test("the document lists exactly the parameters that handlers read", async () => {
  const { app } = await readyServer();
  const asked = watchFields();
  for (const endpoint of ENDPOINTS) {
    // Skips the endpoint, because its event stream never ends.
    if (endpoint.path === "/notifications/live") continue;
    asked.clear();
    // oxlint-disable-next-line no-await-in-loop -- requests must not overlap, because the fields that are read belong to one request
    await app.inject(requestOf(endpoint));
    const described = Object.keys(endpoint.parameters).filter((name) => !READ_LATER.has(`${endpoint.path} ${name}`));
    expect([endpoint.path, [...asked].toSorted()]).toEqual([endpoint.path, described.toSorted()]);
  }
});

test("the document exists in two versions, and only the later one describes event streams", async () => {
  const { app } = await readyServer();
  const of = async (version: string): Promise<Record<string, unknown>> => {
    const answer = await app.inject(`${API}/openapi.yaml?openapi_version=${version}`);
    expect([answer.statusCode, answer.headers["content-type"]]).toEqual([200, "application/yaml; charset=utf-8"]);
    return parse(answer.body) as Record<string, unknown>;
  };
  const [older, later] = [await of(""), await of("3.2")];
  expect([older["openapi"], later["openapi"]]).toEqual(["3.1.0", "3.2.0"]);
  const added = Object.keys(later["paths"] as object).filter((path) => !(path in (older["paths"] as object)));
  expect(added).toEqual(["/notifications/live"]);
});

test("ids of operations are unique, and all references of the document resolve", () => {
  const document = openApiDocument("3.2.0", { version: "1", externalUrl: "http://h/p" });
  const text = JSON.stringify(document);
  const ids = [...text.matchAll(/"operationId":"([^"]+)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.length).toBe(ENDPOINTS.flatMap(({ methods }) => methods).length);
  const schemas = Object.keys((document["components"] as { schemas: object }).schemas);
  const used = new Set([...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name));
  expect([...used].toSorted()).toEqual(schemas.toSorted());
  expect(document["servers"]).toEqual([{ url: "http://h/p/api/v1" }]);
});

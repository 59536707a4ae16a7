import { type ApiEndpoint, type ApiParameter, ENDPOINTS, type ParameterType } from "./endpoints.ts";

type Json = Readonly<Record<string, unknown>>;

/** Supported versions of OpenAPI. Only version 3.2 can describe event streams. */
export type OpenApiVersion = "3.1.0" | "3.2.0";

export interface DocumentOptions {
  readonly version: string;
  readonly externalUrl: string;
}

export function openApiDocument(openapi: OpenApiVersion, { version, externalUrl }: DocumentOptions): Json {
  const endpoints = ENDPOINTS.filter(({ answer }) => openapi === "3.2.0" || !isStream(answer));
  const paths: Record<string, Record<string, unknown>> = {};
  for (const endpoint of endpoints)
    for (const method of endpoint.methods) (paths[endpoint.path] ??= {})[method] = operation(endpoint, method);
  return {
    openapi,
    info: {
      title: "Prometheus API",
      description: "The HTTP API of Narthex, which is the same as that of Prometheus.",
      version,
    },
    servers: [{ url: `${externalUrl}/api/v1` }],
    tags: [...new Set(endpoints.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: { schemas: SCHEMAS },
  };
}

const isStream = (answer: ApiEndpoint["answer"]): boolean =>
  typeof answer === "object" && "body" in answer && answer.body === "text/event-stream";

function operation(endpoint: ApiEndpoint, method: string): Json {
  const { path, tag, about, parameters, posted } = endpoint;
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  const entries = Object.entries(parameters);
  const isForm = method === "post" || method === "put";
  const inQuery = isForm ? [] : entries.map(([name, parameter]) => queryParameter(name, parameter));
  return {
    operationId: idOf(path, method),
    summary: about,
    tags: [tag],
    ...(inPath.length + inQuery.length > 0 && { parameters: [...inPath, ...inQuery] }),
    ...(isForm && entries.length > 0 && { requestBody: formOf(entries) }),
    ...(posted !== undefined && {
      requestBody: { required: true, content: { [posted]: { schema: { type: "string", format: "binary" } } } },
    }),
    responses: responsesOf(endpoint),
  };
}

const idOf = (path: string, method: string): string =>
  [...path.split(/[^\w]+/).filter((word) => word !== ""), ...(method === "get" ? [] : [method])].join("-");

const queryParameter = (name: string, parameter: ApiParameter): Json => ({
  name,
  in: "query",
  description: parameter.about,
  required: parameter.required ?? false,
  schema: schemaOf(parameter),
  example: parameter.type === "texts" ? [parameter.example] : parameter.example,
});

const formOf = (entries: readonly (readonly [string, ApiParameter])[]): Json => {
  const required = entries.filter(([, parameter]) => parameter.required === true).map(([name]) => name);
  const properties = Object.fromEntries(
    entries.map(([name, parameter]) => [name, { ...schemaOf(parameter), description: parameter.about }]),
  );
  return {
    required: required.length > 0,
    content: {
      "application/x-www-form-urlencoded": {
        schema: { type: "object", properties, ...(required.length > 0 && { required }) },
      },
    },
  };
};

const TYPES: Readonly<Record<ParameterType, Json>> = {
  text: { type: "string" },
  json: { type: "string", contentMediaType: "application/json" },
  texts: { type: "array", items: { type: "string" } },
  count: { type: "integer", format: "int64" },
  boolean: { type: "boolean" },
  time: { $ref: "#/components/schemas/Timestamp" },
  duration: { $ref: "#/components/schemas/Duration" },
};

const schemaOf = ({ type, values }: ApiParameter): Json => ({
  ...TYPES[type],
  ...(values !== undefined && { enum: values }),
});

function responsesOf({ answer }: ApiEndpoint): Json {
  const failure = {
    description: "The request was refused, or failed.",
    content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } },
  };
  if (answer === "nothing") return { 204: { description: "The request succeeded." }, default: failure };
  if ("body" in answer) {
    const schema = { type: "string" };
    const content = isStream(answer) ? { itemSchema: { type: "object" } } : { schema };
    return { 200: { description: answer.about, content: { [answer.body]: content } }, default: failure };
  }
  const notes = { type: "array", items: { type: "string" } };
  const schema = {
    type: "object",
    required: ["status", "data"],
    properties: { status: { const: "success" }, data: answer.data, warnings: notes, infos: notes },
  };
  return {
    200: { description: "The requested data.", content: { "application/json": { schema } } },
    default: failure,
  };
}

const POINT: Json = {
  type: "array",
  description: "A time in seconds, and a value as text.",
  prefixItems: [{ type: "number" }, { type: "string" }],
};
const HISTOGRAM_POINT: Json = {
  type: "array",
  description: "A time in seconds, and a native histogram.",
  prefixItems: [{ type: "number" }, { $ref: "#/components/schemas/Histogram" }],
};

const SCHEMAS: Json = {
  Timestamp: {
    description: "Unix time in seconds, or a time in RFC 3339.",
    oneOf: [{ type: "number" }, { type: "string", format: "date-time" }],
  },
  Duration: {
    description: "Seconds, or a duration such as 1h30m.",
    oneOf: [{ type: "number" }, { type: "string", pattern: "^([0-9]+(y|w|d|h|m|s|ms))+$" }],
  },
  Labels: { type: "object", additionalProperties: { type: "string" } },
  Error: {
    type: "object",
    required: ["status", "errorType", "error"],
    properties: { status: { const: "error" }, errorType: { type: "string" }, error: { type: "string" } },
  },
  Histogram: {
    type: "object",
    required: ["count", "sum"],
    properties: {
      count: { type: "string" },
      sum: { type: "string" },
      buckets: {
        type: "array",
        items: {
          type: "array",
          description:
            "Bounds that belong to the bucket (0 upper, 1 lower, 2 neither, 3 both), the bounds, and the count.",
          prefixItems: [{ type: "integer" }, { type: "string" }, { type: "string" }, { type: "string" }],
        },
      },
    },
  },
  Series: {
    type: "object",
    required: ["metric"],
    properties: {
      metric: { $ref: "#/components/schemas/Labels" },
      value: POINT,
      histogram: HISTOGRAM_POINT,
      values: { type: "array", items: POINT },
      histograms: { type: "array", items: HISTOGRAM_POINT },
    },
  },
  QueryData: {
    type: "object",
    required: ["resultType", "result"],
    properties: {
      resultType: { enum: ["vector", "matrix", "scalar", "string"] },
      result: { oneOf: [{ type: "array", items: { $ref: "#/components/schemas/Series" } }, POINT] },
      stats: { type: "object" },
    },
  },
  SeriesExemplars: {
    type: "object",
    required: ["seriesLabels", "exemplars"],
    properties: {
      seriesLabels: { $ref: "#/components/schemas/Labels" },
      exemplars: {
        type: "array",
        items: {
          type: "object",
          required: ["labels", "value", "timestamp"],
          properties: {
            labels: { $ref: "#/components/schemas/Labels" },
            value: { type: "string" },
            timestamp: { type: "number" },
          },
        },
      },
    },
  },
};

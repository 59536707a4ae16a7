import type { SourceSetting } from "@narthex/dashboards";
import type { DataSourceKind } from "../data-source-kind.ts";
import { tlsForm } from "../outgoing/http-form.ts";
import { InfinitySource } from "./infinity-source.ts";

const METHOD = ["jsonData", "auth_method"];
const API_KEY = { path: METHOD, values: ["apiKey"] };

const SIGN_IN: readonly SourceSetting[] = [
  { path: METHOD, label: "Sign-in", type: "choice", choices: ["none", "basicAuth", "bearerToken", "apiKey"] },
  { path: ["basicAuthUser"], label: "User", type: "text", when: { path: METHOD, values: ["basicAuth"] } },
  {
    path: ["secureJsonData", "basicAuthPassword"],
    label: "Password",
    type: "secret",
    when: { path: METHOD, values: ["basicAuth"] },
  },
  {
    path: ["secureJsonData", "bearerToken"],
    label: "Bearer token",
    type: "secret",
    when: { path: METHOD, values: ["bearerToken"] },
  },
  { path: ["jsonData", "apiKeyKey"], label: "Name of the API key", type: "text", when: API_KEY },
  {
    path: ["jsonData", "apiKeyType"],
    label: "Place of the API key",
    type: "choice",
    choices: ["header", "query"],
    when: API_KEY,
  },
  { path: ["secureJsonData", "apiKeyValue"], label: "API key", type: "secret", when: API_KEY },
];

export const infinity: DataSourceKind = {
  types: ["yesoreyeram-infinity-datasource"],
  name: "JSON, CSV, XML",
  language: { valueFormat: "glob" },
  blankQuery: {
    type: "json",
    source: "url",
    format: "table",
    parser: "backend",
    url: "",
    url_options: { method: "GET", data: "" },
    root_selector: "",
    columns: [],
    filters: [],
  },
  leastStepMs: 1,
  variables: {
    help: "The URL of a JSON document, or a query as JSON. The first column is the text, the second one the value.",
  },
  annotations: [
    { path: ["target", "url"], label: "URL", type: "text", placeholder: "/deploys.json" },
    { path: ["target", "root_selector"], label: "Rows", type: "text", placeholder: "data.items" },
  ],
  features: [],
  routes: [],
  defaults: {},
  settings: [
    {
      path: ["url"],
      label: "URL",
      type: "text",
      placeholder: "https://api.example.org/v1",
      help: "Queries can request this URL and those below it.",
    },
    {
      path: ["jsonData", "allowedHosts"],
      label: "Allowed hosts",
      type: "list",
      placeholder: "https://files.example.org/reports",
      help: "Further URLs that queries can request, with those below them, one on each line. They get the same credentials.",
    },
    ...SIGN_IN,
    { path: ["jsonData", "httpHeaderName1"], label: "Headers of each request", type: "headers" },
    ...tlsForm(),
    {
      path: ["jsonData", "timeoutInSeconds"],
      label: "Timeout of a request in seconds",
      type: "number",
      placeholder: "60",
    },
  ],
  open: (settings, environment) => new InfinitySource(settings, environment),
};

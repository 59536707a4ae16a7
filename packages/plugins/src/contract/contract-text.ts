/** Text of `narthex-plugin.d.ts`, which `narthex plugin create` writes next to a new plugin. */
export const CONTRACT_TEXT = `// Types of plugins for Narthex, contract 1. \`narthex plugin create\` has written this file. Do not change it.

/** A column of a frame. All columns of a frame have the same number of values. */
export interface Field {
  name: string;
  /** Times are numbers: milliseconds since 1970. */
  type: "time" | "number" | "string" | "boolean";
  values: (number | string | boolean | null)[];
  labels?: Record<string, string>;
  config?: { unit?: string; displayName?: string; decimals?: number; min?: number; max?: number };
}

/** A table of results, stored by columns. */
export interface Frame {
  name?: string;
  fields: Field[];
}

/** A time range in milliseconds since 1970. */
export interface TimeRange {
  from: number;
  to: number;
}

/** A value of an input that plugin.json declares, by the input's key. */
export type Inputs = Record<string, string | number | boolean>;

// Sources: the module exports \`query\` and \`health\`, and may export the others.

/** A request below the URL of the source. Narthex sends it with the credentials of the source. */
export interface SourceRequest {
  /** Path below the URL of the source, which begins with a slash. */
  path: string;
  method?: "GET" | "POST";
  /** Parameters of the address. */
  query?: Record<string, string | number | boolean>;
  /** Body of a POST request. A text is sent as it is, any other value as JSON. */
  body?: unknown;
}

export interface SourceResponse {
  status: number;
  text: string;
  /** The body as JSON. Undefined if the body is not JSON. */
  json: any;
}

export interface SourceContext {
  /** Settings of the source, by the keys of "settings" in plugin.json. Secrets are not among them. */
  settings: Inputs;
  request: (request: SourceRequest) => Promise<SourceResponse>;
}

export interface SourceQuery {
  refId: string;
  range: TimeRange;
  /** Time between two points that suits the width of the panel, in milliseconds. */
  intervalMs: number;
  maxDataPoints: number;
  /** Values by the keys of "queryInputs" in plugin.json; without inputs, the property "text". */
  inputs: Inputs;
}

export interface Health {
  status: "OK" | "ERROR";
  message: string;
}

export interface VariableValue {
  text: string;
  value: string;
}

export interface Annotation {
  time: number;
  timeEnd?: number;
  title?: string;
  text?: string;
  tags?: string[];
}

export interface SourceModule {
  /** Answers one query. An error that is thrown becomes the error of this query only. */
  query(query: SourceQuery, context: SourceContext): Promise<Frame[]> | Frame[];
  /** Tests the source for the button "Save and test". */
  health(context: SourceContext): Promise<Health> | Health;
  /** Returns the options of a variable. Needs "hasVariables": true in plugin.json. */
  variableValues?(query: string, range: TimeRange, context: SourceContext): Promise<VariableValue[]> | VariableValue[];
  /** Returns marks for the time axis. Needs "hasAnnotations": true in plugin.json. */
  annotations?(query: string, range: TimeRange, context: SourceContext): Promise<Annotation[]> | Annotation[];
  /** Answers \`POST /api/datasources/uid/UID/resources/PATH\`. */
  resource?(path: string, body: unknown, context: SourceContext): unknown;
}

// Panels: the module exports \`render\`.

export interface PanelInput {
  frames: Frame[];
  /** Values by the keys of "options" in plugin.json. */
  options: Inputs;
  /** Size of the panel in CSS pixels. */
  width: number;
  height: number;
  theme: "light" | "dark";
  range: TimeRange;
  /** Name of the time zone, such as Europe/Berlin. */
  timeZone: string;
}

export interface PanelActions {
  /** Changes the time range of the dashboard. */
  setTimeRange: (range: TimeRange) => void;
  /** Opens an address of http or https in a new tab, after the user has clicked. */
  openLink: (url: string) => void;
  /** Shows an error in place of the panel. */
  showError: (message: string) => void;
}

export interface PanelModule {
  /** Draws into an element. Called again if the data, the options, the size or the theme have changed. */
  render(element: HTMLElement, input: PanelInput, actions: PanelActions): void;
}
`;

export { alertmanagerFunctions } from "./alertmanager-functions.ts";
export { DEFAULT_LIMITS, type RenderLimits } from "./budget.ts";
export { type ConsoleOptions, type NamedText, renderConsole } from "./console-template.ts";
export { GoDuration } from "./duration.ts";
export {
  type FunctionTable,
  type ParameterType,
  templateFunction,
  type TemplateFunction,
  variadicFunction,
} from "./function.ts";
export { humanizeDuration } from "./humanize.ts";
export { jsonString, toJson } from "./json.ts";
export { FunctionError, TemplateError } from "./problem.ts";
export { type TemplateContext, prometheusFunctions, type QuerySample } from "./prometheus-functions.ts";
export { type ExecuteOptions, type ParsedTemplate, parseTemplate, Template, type TemplateOptions } from "./template.ts";
export { layoutProblem } from "./layout-problem.ts";
export { formatLayout, parseLayout } from "./time-layout.ts";
export { GoTime } from "./time.ts";
export { GoList, GoMap, GoStruct, stringList, stringMap, TrustedText, type NamedType, type Value } from "./value.ts";
export { loadZone, UTC, type Zone } from "./zone.ts";

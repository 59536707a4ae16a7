export { alertmanagerFunctions } from "./alertmanager-functions.ts";
export { DEFAULT_LIMITS, type RenderLimits } from "./budget.ts";
export { type NamedText, renderConsole } from "./console-template.ts";
export { type FunctionTable, templateFunction, variadicFunction } from "./function.ts";
export { jsonString, toJson } from "./json.ts";
export { FunctionError, TemplateError } from "./problem.ts";
export {
  contextFunctions,
  type TemplateContext,
  prometheusFunctions,
  type QuerySample,
} from "./prometheus-functions.ts";
export { parseTemplate, Template } from "./template.ts";
export { layoutProblem } from "./layout-problem.ts";
export { formatLayout, parseLayout } from "./time-layout.ts";
export { GoTime } from "./time.ts";
export { GoList, GoMap, GoStruct, stringList, stringMap, type NamedType, type Value } from "./value.ts";
export { loadZone } from "./zone.ts";
export { type CallArgument, type UsedOperand, visitOperands } from "./visit-operands.ts";

import type { PluginInput } from "@narthex/dashboards";
import { type Fail, listAt } from "./manifest-values.ts";

const MAX_INPUTS = 50;
const MAX_CHOICES = 100;
const MAX_TEXT = 500;
const KEY = /^[A-Za-z][A-Za-z0-9_]{0,49}$/;
const TYPES: ReadonlySet<string> = new Set(["text", "area", "number", "switch", "choice"]);

/** Reads the inputs of a form. */
export function readInputs(json: Readonly<Record<string, unknown>>, list: string, fail: Fail): readonly PluginInput[] {
  const inputs = listAt(json, list, fail);
  if (inputs.length > MAX_INPUTS) fail(`"${list}" has more than ${MAX_INPUTS} inputs`);
  const read = inputs.map((input, at) => readInput(input, (problem) => fail(`"${list}" [${at}]: ${problem}`)));
  if (new Set(read.map(({ key }) => key)).size < read.length) fail(`"${list}" uses a key twice`);
  return read;
}

function readInput(given: unknown, fail: Fail): PluginInput {
  if (typeof given !== "object" || given === null) return fail("an input must be an object");
  const { key, label, type, help, placeholder, choices, initial } = given as Readonly<Record<string, unknown>>;
  if (typeof key !== "string" || !KEY.test(key)) return fail('"key" must be a name of letters, digits and _');
  if (typeof label !== "string" || label === "" || label.length > MAX_TEXT) return fail('"label" must be a text');
  if (typeof type !== "string" || !TYPES.has(type)) return fail(`"type" must be one of ${[...TYPES].join(", ")}`);
  for (const text of [help, placeholder])
    if (text !== undefined && (typeof text !== "string" || text.length > MAX_TEXT))
      fail(`"help" and "placeholder" must be texts of at most ${MAX_TEXT} characters`);
  const known = type === "choice" ? readChoices(choices, fail) : undefined;
  return {
    key,
    label,
    type: type as PluginInput["type"],
    ...(typeof help === "string" && { help }),
    ...(typeof placeholder === "string" && { placeholder }),
    ...(known !== undefined && { choices: known }),
    ...(initial !== undefined && { initial: readInitial(initial, type, fail) }),
  };
}

function readChoices(choices: unknown, fail: Fail): readonly string[] {
  if (!Array.isArray(choices) || choices.length === 0 || choices.length > MAX_CHOICES)
    return fail(`a choice needs "choices", a list of 1 to ${MAX_CHOICES} texts`);
  return choices.map((one: unknown) =>
    typeof one === "string" && one.length <= MAX_TEXT ? one : fail('"choices" must be texts'),
  );
}

function readInitial(initial: unknown, type: string, fail: Fail): string | number | boolean {
  const wanted = type === "number" ? "number" : type === "switch" ? "boolean" : "string";
  if (typeof initial !== wanted) return fail(`"initial" must be a ${wanted} for an input of type ${type}`);
  return initial as string | number | boolean;
}

import { type BusAnswer, type BusCall, variant } from "./message-bus.ts";

/** A unit of a simulated systemd. The keys of its properties are interface and name, such as `Service.Type`. */
export interface UnitOnBus {
  readonly name: string;
  readonly loadState?: string;
  readonly activeState?: string;
  readonly properties?: Readonly<Record<string, ReturnType<typeof variant>>>;
}

/** A simulated systemd. The properties of its manager are stored by name. */
export interface SystemdOnBus {
  readonly manager: Readonly<Record<string, ReturnType<typeof variant>>>;
  readonly units: readonly UnitOnBus[];
}

const UNIT_FOLDER = "/org/freedesktop/systemd1/unit/";

/** Answers ListUnits and the reading of one property as systemd does. */
export function systemdAnswers({ manager, units }: SystemdOnBus): (call: BusCall) => BusAnswer {
  const byPath = new Map(units.map((unit) => [pathOf(unit.name), unit]));
  const rows = units.map(({ name, loadState = "loaded", activeState = "active" }) => [
    name,
    `The unit ${name}`,
    loadState,
    activeState,
    "running",
    "",
    pathOf(name),
    0,
    "",
    "/",
  ]);
  return ({ path, member, args }) => {
    if (member === "ListUnits") return { signature: "a(ssssssouso)", body: [rows] };
    const [face = "", name = ""] = args;
    const key = `${face.split(".").at(-1)!}.${name}`;
    const value = path.startsWith(UNIT_FOLDER) ? byPath.get(path)?.properties?.[key] : manager[name];
    if (value !== undefined) return { signature: "v", body: [value] };
    return { error: "org.freedesktop.DBus.Error.UnknownProperty", message: `Unknown property ${name}` };
  };
}

function pathOf(name: string): string {
  const escaped = Array.from(Buffer.from(name), (byte, i) => {
    const char = String.fromCharCode(byte);
    return /[A-Za-z]/.test(char) || (i > 0 && /[0-9]/.test(char)) ? char : `_${byte.toString(16)}`;
  });
  return UNIT_FOLDER + escaped.join("");
}

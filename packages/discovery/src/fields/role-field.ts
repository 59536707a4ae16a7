import { type Codec, INVALID, type Position, type Report, text } from "@narthex/config";
import { quote } from "@narthex/model";

/** The field `role` of a section, whose value is one of some words. */
export interface RoleField {
  /** Refuses an unknown role. The value of an empty field is "". */
  readonly codec: Codec<string>;
  /** Reports a section without a role. Returns false in this case. */
  check(role: string, at: Position, report: Report): boolean;
}

/**
 * Returns the field for these roles.
 * @param kind name of the kind in the error for an unknown role, if the error has one: `DigitalOcean SD `
 */
export function roleField(roles: readonly string[], kind = ""): RoleField {
  const hint = `write ${roles.map((role) => `role: ${role}`).join(" or ")}`;
  return {
    codec: {
      ...text,
      decode(node, context) {
        const role = text.decode(node, context);
        if (role === INVALID || roles.includes(role)) return role;
        context.report(node, "sd-role", `unknown ${kind}role ${quote(role)}`, hint);
        return INVALID;
      },
    },
    check(role, at, report) {
      if (role === "") report(at, "sd-role", `role missing (one of: ${roles.join(", ")})`, hint);
      return role !== "";
    },
  };
}

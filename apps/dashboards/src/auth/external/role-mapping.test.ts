import { expect, test } from "vitest";
import { mappedRole } from "./role-mapping.ts";

const MAPPING = {
  role_attribute_path: "",
  role_attribute_strict: false,
  org_mapping: "",
  allow_assign_grafana_admin: false,
  skip_org_role_sync: false,
};
const roleWith = (orgMapping: string, organization: string): unknown =>
  mappedRole(
    { ...MAPPING, org_mapping: orgMapping },
    { claims: [], groups: ["admins"], fallback: "Viewer", organization },
  ).role;

test.each([
  ["admins:Own:Admin", "Own", "Admin"],
  ["admins:1:Admin", "Own", "Admin"],
  ["admins:*:Admin", "Own", "Admin"],
  ["admins:Own:Admin", "Other", "Viewer"],
])("the mapping %j gives the role in an organization of the name %j: %j", (orgMapping, organization, role) => {
  expect(roleWith(orgMapping, organization)).toBe(role);
});

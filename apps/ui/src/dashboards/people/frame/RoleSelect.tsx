import { NativeSelect, type NativeSelectProps } from "@mantine/core";

export type OrgRole = "None" | "Viewer" | "Editor" | "Admin";

const ROLES: readonly OrgRole[] = ["None", "Viewer", "Editor", "Admin"];

/** Selects a role in the organization. */
export function RoleSelect({
  value,
  onChange,
  ...props
}: Omit<NativeSelectProps, "value" | "onChange" | "data"> & {
  value: OrgRole;
  onChange: (role: OrgRole) => void;
}) {
  return (
    <NativeSelect
      {...props}
      value={value}
      data={ROLES}
      onChange={({ currentTarget }) => {
        const role = ROLES.find((one) => one === currentTarget.value);
        if (role !== undefined) onChange(role);
      }}
    />
  );
}

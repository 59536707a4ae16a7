import { Box, Switch, Text } from "@mantine/core";
import { useCallback } from "react";
import { ErrorMessage } from "../../../shell/StatusMessage.tsx";
import { rightsKey } from "../../data/rights.ts";
import { Section } from "../frame/Section.tsx";
import { useChange } from "../frame/use-change.ts";
import { AddPermission } from "./AddPermission.tsx";
import { PermissionTable } from "./PermissionTable.tsx";
import {
  type Permission,
  type Permissions,
  permissionsKey,
  type PlaceKind,
  setInherit,
  setPermission,
} from "./permissions-api.ts";

/** Explanations of the permission levels, by kind of object. */
const LEVELS: Readonly<Record<PlaceKind, string>> = {
  folders:
    "View: open the dashboards in the folder. Edit: also change, add and delete them. Admin: also change permissions.",
  dashboards: "View: open the dashboard. Edit: also change and delete it. Admin: also change its permissions.",
  datasources: "Query: query the data source. Edit: also change it. Admin: also change its permissions and delete it.",
  serviceaccounts: "Edit: change the service account and its tokens. Admin: also change its permissions and delete it.",
};

const SUMS = "Permissions add up. Those of a role are only for this role, and admins";

/** Shows and changes who has which permission on an object. */
export function PermissionEditor({ kind, permissions }: { kind: PlaceKind; permissions: Permissions }) {
  const { uid, levels, inherit, own, inherited } = permissions;
  const keys = [permissionsKey(kind, uid), rightsKey];
  const change = useChange((permission: Permission) => setPermission(kind, uid, permission), keys);
  const inheriting = useChange((next: boolean) => setInherit(kind, uid, next), keys);
  const { mutate } = change;
  const set = useCallback((permission: Permission, level: string) => mutate({ ...permission, level }), [mutate]);
  const error = change.error ?? inheriting.error;
  return (
    <>
      {error !== null && (
        <Box mb="md">
          <ErrorMessage error={error} title="The permissions were not changed" />
        </Box>
      )}
      <Section
        title="Permissions"
        about={`${LEVELS[kind]} ${kind === "serviceaccounts" ? "Admins" : SUMS} of the organization have all rights.`}
        isTable
      >
        <AddPermission kind={kind} permissions={permissions} />
        {own.length + inherited.length === 0 ? (
          <Text size="sm" p={14}>
            Only admins of the organization have rights here.
          </Text>
        ) : (
          <PermissionTable levels={levels} own={own} inherited={inherited} onSet={set} />
        )}
      </Section>
      {inherit !== undefined && (
        <Section title="Inheritance">
          <Switch
            label="Inherit the permissions of the folders above"
            checked={inherit}
            disabled={inheriting.isPending}
            onChange={({ currentTarget }) => inheriting.mutate(currentTarget.checked)}
          />
          <Text size="sm" c="dimmed" mt={6}>
            {inherit
              ? "If you switch this off, only admins of the organization and the permissions of this list apply."
              : "Only admins of the organization and the permissions of this list apply."}
          </Text>
        </Section>
      )}
    </>
  );
}

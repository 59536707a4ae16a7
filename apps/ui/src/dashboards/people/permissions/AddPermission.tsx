import { Box, Button, Group, NativeSelect } from "@mantine/core";
import { useMemo, useState } from "react";
import type { SyntheticEvent } from "react";
import { ErrorMessage } from "../../../shell/StatusMessage.tsx";
import { SubjectSelect } from "../frame/SubjectSelect.tsx";
import type { Subject } from "../frame/subjects.ts";
import { useChange } from "../frame/use-change.ts";
import { type Permission, type Permissions, permissionsKey, type PlaceKind, setPermission } from "./permissions-api.ts";

type Kind = Permission["kind"];

const KINDS: readonly { readonly value: Kind; readonly label: string }[] = [
  { value: "user", label: "User" },
  { value: "team", label: "Team" },
  { value: "service account", label: "Service account" },
  { value: "role", label: "Role" },
];

const KINDS_WITHOUT_ROLE = KINDS.filter(({ value }) => value !== "role");

/** Roles to which a permission can be given. Admins need none, because they have all rights. */
const ROLES = ["Viewer", "Editor"] as const;

/** The form that gives a permission to a role, user, team or service account. */
export function AddPermission({
  kind: place,
  permissions: { uid, levels, own },
}: {
  kind: PlaceKind;
  permissions: Permissions;
}) {
  const [kind, setKind] = useState<Kind>("user");
  const [subject, setSubject] = useState<Subject>();
  const [chosenRole, setRole] = useState<string>();
  const [level, setLevel] = useState(levels[0] ?? "");
  const present = useMemo(() => own.filter((one) => one.kind === kind).map(({ id }) => id), [own, kind]);
  const without = useMemo(() => new Set(present.map(Number)), [present]);
  const roles = ROLES.filter((role) => !present.includes(role));
  const role = roles.find((one) => one === chosenRole) ?? roles[0];
  const id = kind === "role" ? role : subject?.id;
  const add = useChange(
    (added: { id: number | string }) => setPermission(place, uid, { kind, id: added.id, level }),
    [permissionsKey(place, uid)],
    { after: () => setSubject(undefined) },
  );
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (id !== undefined) add.mutate({ id });
  };
  const chooseKind = (value: string): void => {
    setKind(KINDS.find((one) => one.value === value)?.value ?? "user");
    setSubject(undefined);
  };
  return (
    <Box component="form" px={14} py={8} onSubmit={submit} aria-label="Add a permission">
      <Group align="flex-end" gap="sm">
        <NativeSelect
          label="Add a permission for a"
          data={place === "serviceaccounts" ? KINDS_WITHOUT_ROLE : KINDS}
          value={kind}
          onChange={({ currentTarget }) => chooseKind(currentTarget.value)}
        />
        <Box className="grow" maw={360}>
          {kind === "role" ? (
            <NativeSelect
              label="Role"
              data={roles}
              value={role ?? ""}
              disabled={role === undefined}
              onChange={({ currentTarget }) => setRole(currentTarget.value)}
            />
          ) : (
            <SubjectSelect
              key={kind}
              kind={kind}
              label="Name"
              value={subject}
              without={without}
              onChange={setSubject}
            />
          )}
        </Box>
        <NativeSelect
          label="Level"
          data={levels}
          value={level}
          onChange={({ currentTarget }) => setLevel(currentTarget.value)}
        />
        <Button type="submit" loading={add.isPending} disabled={id === undefined}>
          Add
        </Button>
      </Group>
      {add.error !== null && <ErrorMessage error={add.error} />}
    </Box>
  );
}

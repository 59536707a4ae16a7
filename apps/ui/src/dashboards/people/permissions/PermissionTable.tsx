import { ActionIcon, Anchor, Group, NativeSelect, Text, Tooltip } from "@mantine/core";
import { type Icon, IconRobot, IconShield, IconTrash, IconUser, IconUsersGroup } from "@tabler/icons-react";
import { useMemo } from "react";
import { Link } from "react-router";
import type { DataColumn } from "../../../shell/DataTable.tsx";
import { CardTable } from "../frame/CardTable.tsx";
import type { Permission } from "./permissions-api.ts";

type OnSet = (permission: Permission, level: string) => void;

const ICONS: Readonly<Record<Permission["kind"], Icon>> = {
  role: IconShield,
  user: IconUser,
  "service account": IconRobot,
  team: IconUsersGroup,
};
const KINDS: Readonly<Record<Permission["kind"], string>> = {
  role: "Role",
  user: "User",
  "service account": "Service account",
  team: "Team",
};

/** Lists the permissions on an object: first its own, which can be changed, then those inherited from folders. */
export function PermissionTable({
  levels,
  own,
  inherited,
  onSet,
}: {
  levels: readonly string[];
  own: readonly Permission[];
  inherited: readonly Permission[];
  onSet: OnSet;
}) {
  const columns = useMemo(() => columnsWith(levels, inherited.length > 0, onSet), [levels, inherited.length, onSet]);
  const items = useMemo(() => [...own, ...inherited], [own, inherited]);
  return (
    <CardTable
      hasCornerButton
      aria-label="Permissions"
      columns={columns}
      items={items}
      keyOf={({ kind, id, from }, at) => `${from === undefined ? "own" : at} ${kind} ${id}`}
      virtual
      estimatedHeight={() => 48}
    />
  );
}

/** Returns the displayed name of the account, team or role that has a permission. */
function subjectName({ kind, id, name }: Permission): string {
  if (kind === "role") return `${name}s`;
  return name === "" ? `Deleted ${kind} ${id}` : name;
}

function columnsWith(
  levels: readonly string[],
  hasInherited: boolean,
  onSet: OnSet,
): readonly DataColumn<Permission>[] {
  return [
    { header: "For", className: "wrap-anywhere", cell: (permission) => <SubjectCell permission={permission} /> },
    {
      header: "Level",
      width: 130,
      cell: (permission) =>
        permission.from === undefined ? (
          <NativeSelect
            size="xs"
            w={110}
            aria-label={`Level of ${subjectName(permission)}`}
            value={permission.level}
            data={levels}
            onChange={({ currentTarget }) => onSet(permission, currentTarget.value)}
          />
        ) : (
          permission.level
        ),
    },
    ...(hasInherited ? [ORIGIN] : []),
    {
      header: "",
      width: 50,
      cell: (permission) =>
        permission.from === undefined && (
          <Tooltip label="Remove">
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`Remove ${subjectName(permission)}`}
              onClick={() => onSet(permission, "")}
            >
              <IconTrash size={16} />
            </ActionIcon>
          </Tooltip>
        ),
    },
  ];
}

function SubjectCell({ permission }: { permission: Permission }) {
  const { kind, detail } = permission;
  const SubjectIcon = ICONS[kind];
  return (
    <Group gap={8} wrap="nowrap">
      <SubjectIcon size={17} aria-hidden />
      <div>
        {subjectName(permission)}
        <Text size="xs" c="dimmed">
          {KINDS[kind]}
          {detail !== "" && ` ${detail}`}
        </Text>
      </div>
    </Group>
  );
}

const ORIGIN: DataColumn<Permission> = {
  header: "Where from",
  className: "wrap-anywhere",
  cell: ({ from }) => {
    if (from === undefined) return "Set here";
    if (from.uid === "") return "Inherited from a folder above";
    return (
      <>
        Inherited from{" "}
        <Anchor component={Link} to={`/dashboards/f/${encodeURIComponent(from.uid)}/x/permissions`} size="sm">
          {from.title}
        </Anchor>
      </>
    );
  },
};

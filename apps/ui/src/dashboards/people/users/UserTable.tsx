import { Anchor, Badge, Group, Text } from "@mantine/core";
import { useMemo } from "react";
import { Link } from "react-router";
import { Card } from "../../../shell/Card.tsx";
import type { DataColumn } from "../../../shell/DataTable.tsx";
import { CardTable } from "../frame/CardTable.tsx";
import { type OrgRole, RoleSelect } from "../frame/RoleSelect.tsx";
import { TimeText } from "../frame/TimeText.tsx";
import type { ListedUser } from "./users-api.ts";

type OnRole = (change: { user: ListedUser; role: OrgRole }) => void;

export function UserTable({
  users,
  own,
  hasPages,
  onRole,
}: {
  users: readonly ListedUser[];
  /** Login of the viewer. */
  own: string;
  /** Whether the names of users link to their pages. Only admins of the server may open these pages. */
  hasPages: boolean;
  onRole: OnRole;
}) {
  const columns = useMemo(() => columnsFor(own, hasPages, onRole), [own, hasPages, onRole]);
  return (
    <Card mt="sm">
      <CardTable
        aria-label="Users"
        columns={columns}
        items={users}
        keyOf={({ userId }) => String(userId)}
        virtual
        estimatedHeight={() => 52}
      />
    </Card>
  );
}

const columnsFor = (own: string, hasPages: boolean, onRole: OnRole): readonly DataColumn<ListedUser>[] => [
  {
    header: "User",
    sortKey: ({ login }) => login.toLowerCase(),
    className: "wrap-anywhere",
    cell: (user) => <UserName user={user} own={own} hasPage={hasPages} />,
  },
  { header: "Email", sortKey: ({ email }) => email, cell: ({ email }) => email, className: "wrap-anywhere" },
  {
    header: "Role",
    sortKey: ({ role }) => role,
    width: 130,
    cell: (user) => (
      <RoleSelect
        size="xs"
        w={110}
        aria-label={`Role of ${user.login}`}
        value={user.role}
        onChange={(role) => onRole({ user, role })}
      />
    ),
  },
  {
    header: "Last active",
    sortKey: ({ lastSeenAt }) => -Date.parse(lastSeenAt),
    cell: ({ lastSeenAt }) => <TimeText time={lastSeenAt} />,
  },
];

function UserName({ user, own, hasPage }: { user: ListedUser; own: string; hasPage: boolean }) {
  const { userId, login, name, isServerAdmin, isDisabled, authLabels = [] } = user;
  return (
    <>
      <Group gap={8} wrap="wrap">
        {hasPage ? (
          <Anchor component={Link} to={`/admin/users/edit/${userId}`} size="sm">
            {login}
          </Anchor>
        ) : (
          login
        )}
        {login === own && <Badge variant="light">You</Badge>}
        {isServerAdmin === true && (
          <Badge variant="light" color="ember">
            Server admin
          </Badge>
        )}
        {authLabels.map((label) => (
          <Badge key={label} variant="light" color="gray" title={`Signs in with ${label}`}>
            {label}
          </Badge>
        ))}
        {isDisabled && (
          <Badge variant="light" color="gray">
            Disabled
          </Badge>
        )}
      </Group>
      {name !== "" && name !== login && (
        <Text size="xs" c="dimmed">
          {name}
        </Text>
      )}
    </>
  );
}

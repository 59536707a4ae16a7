import { ActionIcon, Badge, Box, Button, Group, NativeSelect, Text, Tooltip } from "@mantine/core";
import { IconUserMinus } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import type { SyntheticEvent } from "react";
import type { DataColumn } from "../../../shell/DataTable.tsx";
import { CardTable } from "../frame/CardTable.tsx";
import { ErrorMessage } from "../../../shell/StatusMessage.tsx";
import { rightsKey } from "../../data/rights.ts";
import { Section } from "../frame/Section.tsx";
import { SubjectSelect } from "../frame/SubjectSelect.tsx";
import type { Subject } from "../frame/subjects.ts";
import { useChange } from "../frame/use-change.ts";
import {
  addMember,
  type Member,
  removeMember,
  setMemberLevel,
  TEAM_ADMIN,
  type TeamDetails,
  teamsKey,
} from "./teams-api.ts";

interface MemberChanges {
  readonly setLevel: (member: Member, permission: number) => void;
  readonly remove: (member: Member) => void;
}

/** Section with the members of a team. Admins of the team add and remove members and change their levels. */
export function TeamMembers({ team, own }: { team: TeamDetails; own: string }) {
  const { id, members, permission } = team;
  const isChangeable = permission === TEAM_ADMIN;
  const keys = [teamsKey, rightsKey];
  const { mutate: changeLevel, error: levelError } = useChange(
    ({ userId, level }: { userId: number; level: number }) => setMemberLevel(id, userId, level),
    keys,
  );
  const { mutate: removeOne, error: removeError } = useChange((userId: number) => removeMember(id, userId), keys);
  const columns = useMemo(
    () =>
      columnsWith(own, {
        ...(isChangeable && {
          changes: {
            setLevel: ({ userId }, level) => changeLevel({ userId, level }),
            remove: ({ userId }) => removeOne(userId),
          },
        }),
      }),
    [own, isChangeable, changeLevel, removeOne],
  );
  const error = levelError ?? removeError;
  return (
    <Section title="Members" about="An admin of the team changes its name and its members." isTable>
      {error !== null && <ErrorMessage error={error} title="The member was not changed" />}
      {isChangeable && <AddMember team={team} />}
      {members.length === 0 ? (
        <Text size="sm" p={14}>
          No members yet.
        </Text>
      ) : (
        <CardTable
          hasCornerButton
          aria-label="Members"
          columns={columns}
          items={members}
          keyOf={({ userId }) => String(userId)}
          sortedBy="Member"
          virtual
          estimatedHeight={() => 52}
        />
      )}
    </Section>
  );
}

function AddMember({ team: { id, members } }: { team: TeamDetails }) {
  const [user, setUser] = useState<Subject>();
  const add = useChange((userId: number) => addMember(id, userId), [teamsKey], { after: () => setUser(undefined) });
  const present = useMemo(() => new Set(members.map(({ userId }) => userId)), [members]);
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (user !== undefined) add.mutate(user.id);
  };
  return (
    <Box component="form" px={14} py={8} onSubmit={submit} aria-label="Add a member">
      <Group align="flex-end" gap="sm">
        <Box className="grow" maw={360}>
          <SubjectSelect kind="user" label="Add a member" value={user} without={present} onChange={setUser} />
        </Box>
        <Button type="submit" loading={add.isPending} disabled={user === undefined}>
          Add
        </Button>
      </Group>
      {add.error !== null && <ErrorMessage error={add.error} />}
    </Box>
  );
}

function columnsWith(own: string, { changes }: { changes?: MemberChanges }): readonly DataColumn<Member>[] {
  return [
    {
      header: "Member",
      sortKey: ({ login }) => login.toLowerCase(),
      className: "wrap-anywhere",
      cell: ({ login, name }) => (
        <>
          <Group gap={8}>
            {login}
            {login === own && <Badge variant="light">You</Badge>}
          </Group>
          {name !== "" && name !== login && (
            <Text size="xs" c="dimmed">
              {name}
            </Text>
          )}
        </>
      ),
    },
    { header: "Email", cell: ({ email }) => email, className: "wrap-anywhere" },
    {
      header: "Level",
      width: 130,
      cell: (member) => <MemberLevel member={member} changes={changes} />,
    },
    ...(changes === undefined ? [] : [removalColumn(changes)]),
  ];
}

const removalColumn = ({ remove }: MemberChanges): DataColumn<Member> => ({
  header: "",
  width: 50,
  cell: (member) => (
    <Tooltip label="Remove from the team">
      <ActionIcon variant="subtle" color="gray" aria-label={`Remove ${member.login}`} onClick={() => remove(member)}>
        <IconUserMinus size={16} />
      </ActionIcon>
    </Tooltip>
  ),
});

function MemberLevel({ member, changes }: { member: Member; changes: MemberChanges | undefined }) {
  if (changes === undefined) return member.permission === TEAM_ADMIN ? "Admin" : "Member";
  return (
    <NativeSelect
      size="xs"
      w={110}
      aria-label={`Level of ${member.login}`}
      value={String(member.permission)}
      data={[
        { value: "0", label: "Member" },
        { value: String(TEAM_ADMIN), label: "Admin" },
      ]}
      onChange={({ currentTarget }) => changes.setLevel(member, Number(currentTarget.value))}
    />
  );
}

import { Button } from "@mantine/core";
import { IconMail } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { Card } from "../../../shell/Card.tsx";
import type { DataColumn } from "../../../shell/DataTable.tsx";
import { EmptyMessage, ErrorMessage } from "../../../shell/StatusMessage.tsx";
import { AdministrationPage } from "../frame/AdministrationPage.tsx";
import { CardTable } from "../frame/CardTable.tsx";
import { Fetched } from "../frame/Fetched.tsx";
import { OpenButton } from "../frame/OpenButton.tsx";
import { TimeText } from "../frame/TimeText.tsx";
import { useChange } from "../frame/use-change.ts";
import { fetchInvitations, invitationsKey, type PendingInvitation, revoke } from "./invitations-api.ts";
import { InviteModal } from "./InviteModal.tsx";

/** Page that lists the pending invitations. Admins of the organization invite users and revoke invitations. */
export default function InvitationsPage() {
  return (
    <AdministrationPage
      title="Invitations"
      isFor={({ isOrgAdmin }) => isOrgAdmin}
      reason="Only admins of the organization invite users."
      renderToolbar={() => <InviteButton />}
    >
      {() => <InvitationList />}
    </AdministrationPage>
  );
}

const InviteButton = () => (
  <OpenButton label="Invite a user" icon={IconMail}>
    {(close) => <InviteModal onClose={close} />}
  </OpenButton>
);

function InvitationList() {
  const result = useQuery({ queryKey: invitationsKey, queryFn: ({ signal }) => fetchInvitations(signal) });
  const { mutate, error } = useChange(revoke, [invitationsKey]);
  const columns = useMemo(() => columnsWith(mutate), [mutate]);
  return (
    <>
      {error !== null && <ErrorMessage error={error} title="The invitation was not revoked" />}
      <Fetched result={result} label="Loading invitations">
        {(invitations) =>
          invitations.length === 0 ? (
            <EmptyMessage title="No invitation is pending" />
          ) : (
            <Card>
              <CardTable
                aria-label="Invitations"
                columns={columns}
                items={invitations}
                keyOf={({ id }) => String(id)}
              />
            </Card>
          )
        }
      </Fetched>
    </>
  );
}

const columnsWith = (onRevoke: (invitation: PendingInvitation) => void): readonly DataColumn<PendingInvitation>[] => [
  {
    header: "Invited",
    sortKey: ({ email }) => email.toLowerCase(),
    className: "wrap-anywhere",
    cell: ({ email, name }) => (name === "" ? email : `${email} (${name})`),
  },
  { header: "Role", sortKey: ({ role }) => role, cell: ({ role }) => role },
  { header: "Invited by", cell: ({ invitedByLogin }) => invitedByLogin, className: "wrap-anywhere" },
  { header: "Mail", cell: ({ emailSent }) => (emailSent ? "Sent" : "Not sent") },
  { header: "When", sortKey: ({ createdOn }) => createdOn, cell: ({ createdOn }) => <TimeText time={createdOn} /> },
  {
    header: "",
    width: 110,
    cell: (invitation) => (
      <Button
        size="compact-sm"
        variant="default"
        aria-label={`Revoke the invitation of ${invitation.email}`}
        onClick={() => onRevoke(invitation)}
      >
        Revoke
      </Button>
    ),
  },
];

import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { notifiesNobody, receiversQuery } from "../../api/alertmanager.ts";
import { ApiError } from "../../api/request.ts";
import { AdminButton } from "../../shell/AdminButton.tsx";
import { ErrorBoundary } from "../../shell/ErrorBoundary.tsx";
import { PageHeader } from "../../shell/PageHeader.tsx";
import { ErrorMessage } from "../../shell/StatusMessage.tsx";
import { whenLoaded } from "../../shell/when-loaded.tsx";
import { ReceiversCard } from "./ReceiversCard.tsx";
import { useSetup } from "./setup-query.ts";

const ReceiverModal = whenLoaded(() => import("./ReceiverModal.tsx"), null);

/** Lists the receivers. Editors may send tests among the dashboards. Administrators may add, change and delete receivers. */
export default function ReceiversPage() {
  const { data: setup, error } = useSetup();
  // The name of the receiver in the form, or `null` for a new one.
  const [opened, open] = useState<string | null>();
  const { data = [] } = useQuery(receiversQuery);
  // The original Alertmanager has no such page.
  const isUnknown = error instanceof ApiError && error.status === 404;
  return (
    <>
      <PageHeader
        title="Receivers"
        toolbar={
          !isUnknown && (
            <AdminButton
              leftSection={<IconPlus size={15} aria-hidden />}
              disabled={setup === undefined}
              onClick={() => open(null)}
            >
              Add receiver
            </AdminButton>
          )
        }
      />
      {error !== null && !isUnknown && <ErrorMessage error={error} title="Receivers cannot be changed here" />}
      <ReceiversCard setup={setup} onOpen={open} />
      {opened !== undefined && setup !== undefined && (
        <ErrorBoundary of="receiver" isOptional>
          <ReceiverModal
            name={opened ?? undefined}
            setup={setup}
            notifiesNobody={notifiesNobody(data)}
            onClose={() => open(undefined)}
          />
        </ErrorBoundary>
      )}
    </>
  );
}

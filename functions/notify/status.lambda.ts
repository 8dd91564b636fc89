/** Entry point of the status callback. */
import { createTenantStore } from '../../shared/entities/tenants.dynamodb.ts';
import { createDeliveryStore } from '../../shared/notify/deliveries.dynamodb.ts';
import { openDeliveryTopic } from '../../shared/notify/delivery-topic.sns.ts';
import { isSignedByTwilio } from '../../shared/notify/signature.twilio.ts';
import { createTwilioAccounts } from '../../shared/notify/twilio-account.secrets.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { openTable } from '../../shared/platform/table.dynamodb.ts';
import { statusConfig } from './status.config.ts';
import { createStatus } from './status.ts';

const environment = statusConfig.parse(process.env);
const table = openTable(environment.TABLE_NAME);
export const handler = createStatus({
  deliveries: createDeliveryStore(table),
  tenants: createTenantStore(table),
  accounts: createTwilioAccounts({
    secretId: `${environment.SECRET_PREFIX}twilio`,
    simulatorUrl: environment.SIMULATOR_TWILIO_URL,
  }),
  topic: openDeliveryTopic(environment.DELIVERY_TOPIC_ARN),
  isSigned: isSignedByTwilio,
  publicUrl: environment.PUBLIC_URL,
  clock: systemClock,
});

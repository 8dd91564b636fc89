/** Entry point of the SMS notifier. */
import { createSnsSms } from '../../shared/notify/sms.sns.ts';
import { createSmsChannel } from '../../shared/notify/sms.ts';
import { createTwilioSms, hasSmsSender } from '../../shared/notify/sms.twilio.ts';
import { createTwilioAccounts } from '../../shared/notify/twilio-account.secrets.ts';
import { openNotifier } from './notifier.lambda.ts';
import { smsConfig } from './sms.config.ts';

const environment = smsConfig.parse(process.env);
const simulatorUrl = environment.SIMULATOR_TWILIO_URL;
const accounts = createTwilioAccounts({ secretId: `${environment.SECRET_PREFIX}twilio`, simulatorUrl });
const channel = createSmsChannel({
  twilio: createTwilioSms(accounts),
  sns: createSnsSms(),
  snsIsSimulated: simulatorUrl !== undefined,
  hasTwilioSender: () => hasSmsSender(accounts),
});

export const handler = openNotifier(environment, channel);

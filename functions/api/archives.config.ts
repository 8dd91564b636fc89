/** Environment of the API functions that also read what is archived. */
import * as z from 'zod/mini';
import { apiConfig } from './api.config.ts';

export const archivesConfig = z.extend(apiConfig, { ARCHIVE_BUCKET: z.string() });

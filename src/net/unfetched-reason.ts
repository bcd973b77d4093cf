// What a request is refused for when the document behind its Signature-Agent could not be loaded.
import type { RequestKeyRefusal } from '../protocol/request-signature.ts';
import type { LoadFault } from './url-cache.ts';

const REASONS: Readonly<Record<LoadFault, RequestKeyRefusal>> = {
  url_refused: 'discovery_refused',
  address_refused: 'discovery_address_refused',
  unreachable: 'discovery_failed',
  status: 'directory_status',
  redirected: 'directory_redirected',
  encoded: 'directory_encoded',
  too_large: 'directory_too_large',
  media_type: 'directory_media_type',
  malformed: 'directory_malformed',
};

export function unfetchedReason(fault: LoadFault): RequestKeyRefusal {
  return REASONS[fault];
}

import { describeFailing, describeMore } from './failing.ts';

// What `npm test` leaves out of the second program, and what neither needs every time.
describeFailing('celesto');
describeMore('smolvm');
describeMore('celesto');

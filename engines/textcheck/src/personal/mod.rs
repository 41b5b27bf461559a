//! Personal data: numbers of identity, telephone and bank, addresses.

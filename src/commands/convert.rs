//! `convert`: a `.env` as `vagrantp.kdl`.

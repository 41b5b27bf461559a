pub fn routes() -> zhendi_kernel::web::Routes { zhendi_kernel::web::Routes::new() }

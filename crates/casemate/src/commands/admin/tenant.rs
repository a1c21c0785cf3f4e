//! `casemate admin tenant create`: another organisation on the same instance.

use casemate_model::text::{Email, TenantName};
use casemate_service::tenants::create_tenant::{CreateTenantError, create_tenant};
use secrecy::ExposeSecret as _;

use super::{Exit, Failure, InstanceArgs, say};
use crate::commands::failure;
use crate::server::place::fault;

#[derive(clap::Subcommand)]
pub(super) enum Command {
    /// Make a tenant, and print an invitation for its first administrator
    Create(CreateArgs),
}

#[derive(clap::Args)]
pub(super) struct CreateArgs {
    /// Name of the tenant
    #[arg(value_name = "NAME")]
    name: TenantName,
    /// E-mail address of its first administrator
    #[arg(long, value_name = "EMAIL")]
    admin: Email,
    #[command(flatten)]
    instance: InstanceArgs,
}

pub(super) async fn run(command: &Command) -> Result<Exit, Failure> {
    let Command::Create(args) = command;
    let (service, base_url) = args.instance.open().await?;
    match create_tenant(&service, args.name.clone(), args.admin.clone()).await {
        Ok((tenant, token)) => {
            let link = format!("{base_url}/invitation/{}", token.expose_secret());
            say(&format!("tenant {} ({})\ninvitation for {}: {link}\n", tenant.name, tenant.id, args.admin))?;
            Ok(Exit::Clean)
        }
        Err(CreateTenantError::NameTaken(name)) => failure(format!("a tenant named `{name}` exists")),
        Err(CreateTenantError::Fault(cause)) => Err(fault(cause)),
    }
}

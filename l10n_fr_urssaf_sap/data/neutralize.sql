-- Nothing leaves for the Urssaf, not for its test platform either; and "test" means that
-- platform again, whatever host the production database was pointed to.
UPDATE res_company
   SET l10n_fr_sap_environment = 'test',
       l10n_fr_sap_client_id = NULL,
       l10n_fr_sap_stored_secret = NULL,
       l10n_fr_sap_production_database = NULL;
-- A test book is for whoever makes it there.
DELETE FROM l10n_fr_sap_test_book;
DELETE FROM ir_config_parameter
 WHERE key IN ('l10n_fr_urssaf_sap.url_test', 'l10n_fr_urssaf_sap.url_production');
